import type { NameRule } from "../writing/tool-names.ts";

/**
 * Longer names are refused: "with a maximum length of 64", as the API says, though its types say 128.
 * https://ai.google.dev/api/caching#FunctionDeclaration
 */
export const NAME_RULE: NameRule = { longest: 64, lawful: /^[A-Za-z_][A-Za-z0-9_.:-]*$/, unlawfulCharacters: /[^A-Za-z0-9_.:-]/g };
