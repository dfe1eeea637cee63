/**
 * Keys as their issuers make them. Each begins where no word goes on, so that a text is read once however it repeats them.
 * AWS: docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html. GitHub: docs.github.com/en/authentication, "GitHub's token formats". Slack:
 * api.slack.com/concepts/token-types. A signed JWT: rfc-editor.org/rfc/rfc7515. Google, OpenAI, Anthropic and those who copy `sk-…`: as their consoles give them.
 */
const FORMS = [
  "(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
  "AIza[A-Za-z0-9_-]{35}",
  "gh[pousr]_[A-Za-z0-9]{36,}",
  "github_pat_[A-Za-z0-9_]{22,}",
  "xox[a-z]-[A-Za-z0-9-]{10,}",
  "eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}",
  // A name of words has no digit that early, a key hardly ever none.
  "sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}",
  "to11_[A-Za-z0-9_-]{27,}",
];

const LITERAL_KEY = new RegExp(`(?<![A-Za-z0-9_-])(?:${FORMS.join("|")})`, "g");

/** A key in a text and where it begins. */
export interface LiteralKey {
  readonly key: string;
  readonly at: number;
}

/** Every key of a well-known form that stands in a text. */
export function literalKeysIn(text: string): readonly LiteralKey[] {
  return Array.from(text.matchAll(LITERAL_KEY), ({ 0: key, index }) => ({ key, at: index }));
}

/** The text with something else in the place of each such key. */
export function withoutLiteralKeys(text: string): string {
  return text.replace(LITERAL_KEY, "[redacted]");
}
