import type { ToldError } from "../../core/endpoint.ts";

/** An error's body as OpenAI and those who copy it have it: https://platform.openai.com/docs/guides/error-codes */
export function openAiErrorBody({ message, type, param, code, problems }: ToldError): object {
  return { error: { message, type, param, code, ...(problems === undefined ? {} : { problems }) } };
}

/** `data: {"error": {…}}`, as OpenAI's clients raise it in the middle of a stream. */
export function openAiErrorEvent({ code, message }: { readonly code: string; readonly message: string }): string {
  const body = { error: { message, type: "upstream_error", param: null, code } };
  return `data: ${JSON.stringify(body)}\n\n`;
}
