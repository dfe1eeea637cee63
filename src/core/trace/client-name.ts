/** Longest name of a client that a trace keeps. Spec, "Labels". */
const NAME_CHARACTERS = 64;

/**
 * Agents by the products their `user-agent` names, in lower case, where that is not the agent's own name or stands behind a browser's:
 * `claude-cli/2.1.105 (external, cli)`, `codex_cli_rs/0.50.0 (Mac OS 15.1; arm64) …`, `Mozilla/5.0 (…) Cursor/1.7.28 Chrome/…`.
 */
const AGENTS: ReadonlyMap<string, string> = new Map([
  ["aider", "aider"],
  ["charm-crush", "crush"],
  ["claude-cli", "claude-code"],
  ["claude-code", "claude-code"],
  ["cline", "cline"],
  ["codex-cli", "codex"],
  ["codex-tui", "codex"],
  ["codex_cli_rs", "codex"],
  ["codex_exec", "codex"],
  ["codex_sdk_ts", "codex"],
  ["codex_vscode", "codex"],
  ["cursor", "cursor"],
  ["factory-cli", "droid"],
  ["geminicli", "gemini-cli"],
  ["githubcopilotchat", "copilot"],
  ["kilo-code", "kilo-code"],
  ["kimi-code-cli", "kimi-code"],
  ["opencode", "opencode"],
  ["qwencode", "qwen-code"],
  ["roocode", "roo-code"],
  ["zed", "zed"],
]);

/** Of a longer `user-agent` only the beginning is looked at. */
const READ_CHARACTERS = 512;

/**
 * A product and its version up to the minor (https://www.rfc-editor.org/rfc/rfc9110#name-user-agent). OpenAI's and Anthropic's SDKs have a slash within the
 * product and a blank before the version: `OpenAI/JS 6.49.0`.
 */
const PRODUCTS = /([a-z][a-z0-9_.-]*(?:\/(?!v\d)[a-z][a-z0-9_.-]*)*)(?:[/ ]v?(\d+(?:\.\d+)?))?/g;

/**
 * Who calls, by the `user-agent`: an agent that is known, under its own name, else the first product named: `claude-code/2.1`, `openai-js/6.49`, `curl/8.7`.
 * `null`: nobody is named.
 */
export function clientName(userAgent: string): string | null {
  let first: string | null = null;
  for (const [, product = "", version] of userAgent.slice(0, READ_CHARACTERS).toLowerCase().matchAll(PRODUCTS)) {
    const agent = AGENTS.get(product);
    // Behind the first product a word alone may mean anything.
    if (agent !== undefined && (first === null || version !== undefined)) return named(agent, version);
    first ??= named(product.replaceAll("/", "-"), version);
  }
  return first;
}

function named(name: string, version: string | undefined): string {
  return (version === undefined ? name : `${name}/${version}`).slice(0, NAME_CHARACTERS);
}
