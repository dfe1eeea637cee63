import type { Call } from "./call.ts";
import { errorAnswer } from "./error-answer.ts";
import type { Answer } from "./step.ts";

/** The normal answer of the path called. */
export async function answerCall(call: Call, _tokenDelayMs: number): Promise<Answer> {
  return errorAnswer(call.path, { status: 404, message: `Unknown path ${call.path}.` });
}
