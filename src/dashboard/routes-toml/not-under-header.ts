/** A table that is there, but not under a header of its own (inline, or as dotted keys), so that it cannot be edited key by key. */
export class NotUnderHeader extends Error {}
