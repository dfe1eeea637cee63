/** A share of 0 to 1 in percent, with one decimal where it needs one: `"70 %"`, `"33.3 %"`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
