export type { Call } from "./call.ts";
export type { Fault } from "./fault.ts";
export { type Simulator, type SimulatorOptions, startSimulator } from "./server.ts";
export type { Answer, Chunk, Ending, Handler, NoAnswer, RawAnswer, Step } from "./step.ts";
