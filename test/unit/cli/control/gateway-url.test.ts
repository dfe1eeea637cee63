import { describe, expect, it } from "vitest";
import { CommandFailure } from "../../../../src/cli/command-failure.ts";
import { checkedGatewayUrl } from "../../../../src/cli/control/gateway-url.ts";

describe("the address of a gateway", () => {
  it.each([
    "http://localhost:4000",
    "http://127.0.0.1:4000",
    "http://127.1.2.3",
    "http://[::1]:4000",
    "http://to11.localhost:4000",
    "https://to11.example.workers.dev",
  ])("may carry the admin key at %s", (url) => {
    expect(checkedGatewayUrl(url, true).href).toBe(new URL(url).href);
  });

  it.each(["http://to11.example.com", "http://192.168.1.5:4000", "http://localhost.example.com", "http://127.0.0.1.example.com"])(
    "does not carry it over plain http to %s",
    (url) => {
      expect(() => checkedGatewayUrl(url, true)).toThrow("not sent over plain http");
      expect(checkedGatewayUrl(url, false).href).toBe(new URL(url).href);
    },
  );

  it.each(["localhost:4000", "to11", "", "file:///etc/passwd"])("is refused as wrong usage when it is %o", (url) => {
    expect(() => checkedGatewayUrl(url, false)).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(() => checkedGatewayUrl(url, false)).toThrow(CommandFailure);
  });
});
