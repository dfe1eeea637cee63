import { request } from "node:http";
import { type Attack, each, unless } from "../attack.ts";

/** Ways to write a path so that two who read it differ on where it leads. */
const TRICKS: readonly string[] = [
  "/v1/../api/projects",
  "/v1/%2e%2e/api/projects",
  "/v1/..%2fapi/projects",
  "//api/projects",
  "/api//projects",
  "/api/./projects",
  "/API/projects",
  "/api/projects/",
  "/api/projects%00",
  "/api/projects;a=b",
  "/api%2fprojects",
  "/\\api/projects",
  "/health/../api/traces",
  "/v1//models",
  "/v1/models/../models",
  "/v1/models%2f",
  "/v1/models/%",
  "/v1/models/%ff%fe",
  `/v1/${"../".repeat(1_000)}api/projects`,
  "http://localhost/api/projects",
  "http://user:password@localhost/api/projects",
  "/api/config/versions/..%2f..%2fprojects",
  "?/api/projects",
];

/** The status for a path exactly as it stands, and what was told. */
function told(url: string, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, path, headers: { host }, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => (text += more));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject).end();
  });
}

/** What strangers write in the place of a path. */
export const PATHS: readonly Attack[] = [
  {
    name: "paths that are read in two ways",
    promise: "no spelling of a path leads past the key, and none is a fault",
    at: ["deployed"],
    run: ({ url }) =>
      each(TRICKS, async (path) => {
        const { status, text } = await told(url, path);
        return [
          ...unless(status >= 300 && status < 500, `${path.slice(0, 60)}: ${status}`),
          ...unless(!/"projects"\s*:|"object"\s*:\s*"list"|"traces"\s*:/.test(text), `${path.slice(0, 60)} tells what is behind the key`),
        ];
      }),
  },
];
