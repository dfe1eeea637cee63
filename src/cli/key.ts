import { randomBytes } from "node:crypto";
import { print } from "./terminal/terminal.ts";

/** Bytes of chance in a gateway key; base64url makes 43 characters of them. */
const KEY_BYTES = 32;

/** `to11_` and 43 base64url characters. */
export function newGatewayKey(): string {
  return `to11_${randomBytes(KEY_BYTES).toString("base64url")}`;
}

/** Prints a new key, alone on standard output, and where to put it. */
export function printNewKey(): void {
  const key = newGatewayKey();
  print(key);
  process.stderr.write(
    [
      "",
      `Locally, in .dev.vars:   TO11_API_KEY="${key}"`,
      "Deployed:                npx wrangler secret put TO11_API_KEY",
      'routes.toml names it:    [auth] api_keys = ["env::TO11_API_KEY"]',
      "",
    ].join("\n"),
  );
}
