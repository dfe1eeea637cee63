/** The only form of a secret in routes.toml. */
const REFERENCE = /^env::([A-Za-z_][A-Za-z0-9_]*)$/;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables that mean something to the gateway itself and can be nobody's key. */
const RESERVED: ReadonlySet<string> = new Set(["TO11_ADMIN_KEY", "TO11_DEV", "TO11_SIMULATOR", "TO11_SIMULATE"]);

/** `env::OPENAI_API_KEY` is `OPENAI_API_KEY`; anything else is `undefined`. */
export function secretName(text: string): string | undefined {
  return REFERENCE.exec(text)?.[1];
}

/** Whether the secret is the gateway's own or a key to it, and so never goes to a provider. */
export function isGatewaysOwn(name: string): boolean {
  return name.toUpperCase().startsWith("TO11_");
}

/** Whether the variable is one the gateway reads for itself. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name.toUpperCase());
}

/** The variable a provider's key is in unless routes.toml says: `azure-eu` is `AZURE_EU_API_KEY`. `undefined`: the id makes no usable one. */
export function conventionalSecret(providerId: string): string | undefined {
  const name = `${providerId.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_API_KEY`;
  return VARIABLE.test(name) && !isGatewaysOwn(name) ? name : undefined;
}
