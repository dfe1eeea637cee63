export type { Call } from "./call.ts";
export { type Simulator, startSimulator } from "./server.ts";
export type { Handler, Step } from "./play/step.ts";
