import type { Endpoint } from "../core/endpoint.ts";
import { chatCompletions } from "./chat-completions.ts";

/** Every path that is answered by calling an upstream. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([chatCompletions].map((endpoint) => [endpoint.path, endpoint]));
