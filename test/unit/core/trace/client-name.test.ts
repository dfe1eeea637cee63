import { expect, test } from "vitest";
import { clientName } from "../../../../src/core/trace/client-name.ts";

test.each<[string, string | null]>([
  ["claude-cli/2.1.105 (external, cli)", "claude-code/2.1"],
  ["claude-cli/2.1.105 (external, sdk-py, agent-sdk/0.1.59)", "claude-code/2.1"],
  ["claude-code/2.1.45", "claude-code/2.1"],
  ["codex_cli_rs/0.50.0 (Mac OS 15.1.0; arm64) iTerm.app/3.5.14", "codex/0.50"],
  ["codex-tui/0.142.0-alpha.10 (Mac OS 13.7.8; arm64) xterm-256color (codex-tui; 0.142.0-alpha.10)", "codex/0.142"],
  ["codex_vscode/0.89.0 (Linux)", "codex/0.89"],
  ["opencode/1.0.45 ai-sdk/provider-utils/3.0.17 runtime/bun/1.3.0", "opencode/1.0"],
  ["Mozilla/5.0 (Macintosh) AppleWebKit/537.36 (KHTML, like Gecko) Cursor/1.7.28 Chrome/138.0.0.0 Safari/537.36", "cursor/1.7"],
  ["Charm-Crush/v0.87.0 (https://charm.land/crush)", "crush/0.87"],
  ["GeminiCLI/0.21.5 (linux; x64)", "gemini-cli/0.21"],
  ["RooCode/3.28.1", "roo-code/3.28"],
  ["OpenAI/JS 6.49.0", "openai-js/6.49"],
  ["AsyncOpenAI/Python 1.99.1", "asyncopenai-python/1.99"],
  ["Anthropic/JS 0.60.0", "anthropic-js/0.60"],
  ["ai-sdk/openai-compatible/2.0.87 ai-sdk/provider-utils/4.0.1 runtime/node.js/24", "ai-sdk-openai-compatible/2.0"],
  ["curl/8.7.1", "curl/8.7"],
  ["python-requests/2", "python-requests/2"],
  ["Go-http-client/2.0", "go-http-client/2.0"],
  ["node", "node"],
  ["cline", "cline"],
  ["my-app/1.2.3 (of the zed team)", "my-app/1.2"],
  [`${"a".repeat(100)}/1.2`, "a".repeat(64)],
  ["", null],
  ["123", null],
  ["日本/1.0", null],
])("%s is %s", (userAgent, name) => {
  expect(clientName(userAgent)).toBe(name);
});
