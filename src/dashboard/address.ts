import { useLocation, useSearch } from "wouter";

/** The project that the address names; `undefined`: the gateway's default one. */
export function useProject(): string | undefined {
  return new URLSearchParams(useSearch()).get("project") ?? undefined;
}

/** Makes addresses within the dashboard that stay in the project. Parameters that are `undefined` or empty are left out. */
export function useAddress(): (path: string, parameters?: Readonly<Record<string, string | undefined>>) => string {
  const project = useProject();
  return (path, parameters = {}) => {
    const given = Object.entries({ ...parameters, project }).filter((entry): entry is [string, string] => (entry[1] ?? "") !== "");
    return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
  };
}

/** The parameters of the address, and what replaces some of them: `undefined` and the empty text take one away. */
export function useParameters(): readonly [URLSearchParams, (changes: Readonly<Record<string, string | undefined>>) => void] {
  const [path, navigate] = useLocation();
  const parameters = new URLSearchParams(useSearch());
  const change = (changes: Readonly<Record<string, string | undefined>>): void => {
    const next = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === "") next.delete(name);
      else next.set(name, value);
    }
    const search = next.toString();
    navigate(search === "" ? path : `${path}?${search}`, { replace: true });
  };
  return [parameters, change];
}
