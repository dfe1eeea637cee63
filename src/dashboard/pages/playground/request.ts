import { curl } from "../../curl.ts";
import { seenJson } from "../../shown/unseen.ts";

/** What the form asks. `undefined`: left to the provider. */
export interface Asked {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
  readonly stream: boolean;
}

/** The body of POST /v1/chat/completions. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: "system" | "user"; readonly content: string }[];
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly stream?: true;
}

/** What is sent for what is asked. */
export function bodyOf({ model, system, user, temperature, maxTokens, stream }: Asked): ChatBody {
  return {
    model,
    messages: [...(system.trim() === "" ? [] : [{ role: "system" as const, content: system }]), { role: "user" as const, content: user }],
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(stream ? { stream: true as const } : {}),
  };
}

/** Where a program would call, and for which project. */
export interface Place {
  readonly origin: string;
  readonly project: string | undefined;
}

/** The same call in the shell. */
export function curlOf(body: ChatBody, { origin, project }: Place): string {
  return curl({
    url: `${origin}/v1/chat/completions`,
    headers: project === undefined ? [] : [["x-to11-project-id", project]],
    keyVariable: "TO11_API_KEY",
    body,
    streams: "stream" in body,
  });
}

/** The same call with OpenAI's SDK for TypeScript. */
export function typescriptOf(body: ChatBody, { origin, project }: Place): string {
  const headers = project === undefined ? "" : `, defaultHeaders: { "x-to11-project-id": ${seenJson(project)} }`;
  const tail =
    "stream" in body
      ? 'for await (const chunk of answer) process.stdout.write(chunk.choices[0]?.delta.content ?? "");'
      : "console.log(answer.choices[0]?.message.content);";
  return `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${origin}/v1", apiKey: process.env["TO11_API_KEY"] ?? "local"${headers} });
const answer = await client.chat.completions.create(${seenJson(body, 2)});
${tail}
`;
}

/** The same call with OpenAI's SDK for Python. */
export function pythonOf(body: ChatBody, { origin, project }: Place): string {
  const headers = project === undefined ? "" : `, default_headers={"x-to11-project-id": ${seenJson(project)}}`;
  const given = Object.entries(body).map(([name, value]) => `    ${name}=${pythonLiteral(value)},`);
  const tail =
    "stream" in body
      ? `for chunk in answer:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or "", end="")`
      : "print(answer.choices[0].message.content)";
  return `import os
from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=os.environ.get("TO11_API_KEY", "local")${headers})
answer = client.chat.completions.create(
${given.join("\n")}
)
${tail}
`;
}

/** JSON's texts and numbers are Python's too; its truth values are not. */
function pythonLiteral(value: unknown): string {
  return value === true ? "True" : seenJson(value);
}
