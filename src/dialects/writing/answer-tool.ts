/** A tool whose call is the answer by a schema, where that is not to be had otherwise: a name that no other has, and what the model is told of it. */
export function answerTool(
  { description }: { readonly description: string | undefined },
  isTaken: (name: string) => boolean,
): { readonly name: string; readonly description: string } {
  let name = "json";
  while (isTaken(name)) name += "_";
  const told = "Answer with this tool, and only with it: its arguments are the answer.";
  return { name, description: description === undefined ? told : `${told} ${description}` };
}
