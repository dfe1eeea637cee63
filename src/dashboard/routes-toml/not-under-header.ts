/** Something that is there, but written so that it cannot be edited by itself: a table inline or as dotted keys, an inline value under a header of its own. */
export class NotUnderHeader extends Error {}
