import { type Case, caseNamed, CONTENT_MARKER, type ContenderName, sentBody } from "./cases.ts";
import { type Answer, headerOf, HttpConnection } from "./http-connection.ts";

/**
 * The load generator, a process of its own: it makes one round's requests at one contender over kept connections and compares every answer with the
 * upstream's.
 */

/** One round at one contender. */
export interface LoadOrder {
  readonly caseName: string;
  readonly contender: ContenderName;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly count: number;
}

/** What came of it. Times in ms. */
export interface LoadReport {
  readonly elapsedMs: number;
  /** From the request's sending to the answer's last byte, per request. */
  readonly durationsMs: readonly number[];
  /** To the first content, per streamed request. */
  readonly firstContentMs: readonly number[];
  /** Of the gateway's answers. */
  readonly traceIds: readonly string[];
  /** CPU time of this process, ms: near `elapsedMs` it is the bottleneck. */
  readonly cpuMs: number;
  /** The first answer that was not what it should be, told in words. */
  readonly wrong: string | undefined;
}

process.on("message", (order: LoadOrder) => {
  void load(order).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ wrong: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

async function load(order: LoadOrder): Promise<LoadReport> {
  const asked = caseNamed(order.caseName);
  const parts = requestParts(order, asked);
  const marker = asked.stream ? CONTENT_MARKER : undefined;
  const answers: Answer[] = [];
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let left = order.count;
  const lanes = Array.from({ length: Math.min(asked.concurrency, order.count) }, async (_, lane) => {
    const connection = new HttpConnection(order.port, marker);
    // Streams that began together would bring their events together.
    if (asked.stream && lane > 0) await new Promise((resolve) => setTimeout(resolve, lane * 3));
    while (left > 0) {
      left -= 1;
      answers.push(await connection.send(parts));
    }
    connection.close();
  });
  await Promise.all(lanes);
  const elapsedMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    elapsedMs,
    durationsMs: answers.map(({ endedAt, sentAt }) => endedAt - sentAt),
    firstContentMs: answers.flatMap(({ markedAt, sentAt }) => (markedAt === undefined ? [] : [markedAt - sentAt])),
    traceIds: answers.flatMap(({ head }) => headerOf(head, "x-to11-request-id") ?? []),
    cpuMs: (cpu.user + cpu.system) / 1000,
    wrong: answers.map((answer) => wrongOf(answer, asked, order.contender)).find((wrong) => wrong !== undefined),
  };
}

function requestParts(order: LoadOrder, asked: Case): readonly Buffer[] {
  const body = sentBody(asked, order.contender);
  const headers = {
    host: `127.0.0.1:${order.port}`,
    "content-type": asked.template().contentType,
    "content-length": String(body.length),
    accept: "*/*",
    ...order.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [Buffer.from([`POST ${asked.path} HTTP/1.1`, ...lines, "", ""].join("\r\n")), body];
}

function wrongOf({ status, body }: Answer, asked: Case, contender: ContenderName): string | undefined {
  if (status !== 200) return `status ${status}: ${body.toString("utf8", 0, 300)}`;
  const text = body.toString("utf8");
  if (contender === "peer") {
    const told = asked.stream ? streamedText(text) : wholeText(text);
    return told === asked.text ? undefined : `its text is not the upstream's: ${text.slice(0, 300)}`;
  }
  return text === asked.answer ? undefined : `its bytes are not the upstream's: ${text.slice(-300)}`;
}

/** What is read of an answer whose JSON the contender may have written anew. */
interface ToldAnswer {
  readonly text?: string;
  readonly choices?: readonly { readonly message?: { readonly content?: string }; readonly delta?: { readonly content?: string } }[];
}

function wholeText(json: string): string | undefined {
  const answer = JSON.parse(json) as ToldAnswer;
  return answer.text ?? answer.choices?.[0]?.message?.content;
}

function streamedText(events: string): string {
  const data = events.split("\n").filter((line) => line.startsWith("data: {"));
  return data.map((line) => (JSON.parse(line.slice(6)) as ToldAnswer).choices?.[0]?.delta?.content ?? "").join("");
}
