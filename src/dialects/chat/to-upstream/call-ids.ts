import { shortened, digest } from "../../writing/digest.ts";
import type { ModelFamily } from "../../openai/model-family.ts";

/** `Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40`: github.com/vercel/ai, issue 5171 */
const LONGEST = 40;

/** "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9.": github.com/anomalyco/opencode, issue 1680 */
const MISTRALS = /^[a-zA-Z0-9]{9}$/;

/** How calls are called upstream, alike in the call and in its result: the same for the same request. */
export class CallIds {
  readonly #family: ModelFamily;
  readonly #given = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(family: ModelFamily) {
    this.#family = family;
  }

  upstream(id: string): string {
    const known = this.#given.get(id);
    if (known !== undefined) return known;
    let lawful = this.#lawful(id);
    for (let salt = 0; this.#taken.has(lawful); salt += 1) lawful = this.#lawful(`${salt}${id}_`);
    this.#given.set(id, lawful);
    this.#taken.add(lawful);
    return lawful;
  }

  #lawful(id: string): string {
    if (this.#family === "mistral") return MISTRALS.test(id) ? id : digest(id).padStart(9, "0").slice(-9);
    return id.length <= LONGEST ? id : shortened(id, LONGEST);
  }
}
