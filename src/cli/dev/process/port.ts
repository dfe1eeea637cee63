import { createServer } from "node:net";

/**
 * Why nobody can listen on this port of this machine; `null`: it is free. Both loopback addresses are asked, as `localhost` may mean either.
 */
export async function portProblem(port: number): Promise<string | null> {
  for (const host of ["127.0.0.1", "::1"]) {
    const code = await bindingError(port, host);
    if (code === "EADDRINUSE")
      return `Port ${port} is in use. Stop what listens there, or choose another: --port ${port === 65_535 ? 4000 : port + 1}`;
    if (code === "EACCES") return `Port ${port} may not be used by this user. Choose one from 1024 up: --port 4000`;
    // Any other failure on ::1 is a machine without IPv6.
    if (code !== null && host === "127.0.0.1") return `Port ${port} cannot be used: ${code}`;
  }
  return null;
}

/** A port of this machine that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port was given")),
      );
    });
  });
}

function bindingError(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
