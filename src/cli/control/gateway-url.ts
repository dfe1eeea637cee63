import { CommandFailure } from "../command-failure.ts";

/** The local gateway. */
export const DEFAULT_URL = "http://localhost:4000";

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The address as a URL.
 * @throws {CommandFailure} when it is none, or when TO11_ADMIN_KEY would go over plain http to another machine.
 */
export function checkedGatewayUrl(text: string, carriesKey: boolean): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new CommandFailure(`--url ${text}: not a URL; one looks like https://to11.example.workers.dev or ${DEFAULT_URL}`, 2);
  }
  if (carriesKey && url.protocol === "http:" && !LOOPBACK.test(url.hostname)) {
    throw new CommandFailure(`--url ${text}: TO11_ADMIN_KEY is not sent over plain http to another machine; use https://${url.host}`);
  }
  return url;
}
