import { connect, type Socket } from "node:net";

/** How a connection ended, as its caller saw it. */
export interface Seen {
  /** All bytes, as text. */
  readonly text: string;
  readonly end: "closed" | "reset" | "open";
}

/** Sends one POST over a socket of its own and watches until the connection ends, or until `enough` says so. */
export function postRaw(url: string, enough: (text: string) => boolean = () => false): Promise<Seen & { readonly socket: Socket }> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    const see = (end: Seen["end"]): void => resolve({ text, end, socket });
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (enough(text)) see("open");
    });
    socket.on("end", () => see("closed"));
    socket.on("error", () => see("reset"));
    socket.write(`POST ${pathname} HTTP/1.1\r\nHost: simulator\r\nContent-Length: 2\r\n\r\n{}`);
  });
}
