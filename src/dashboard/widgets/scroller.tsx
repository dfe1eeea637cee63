/** Lets what is wider than the window be moved sideways, by keyboard too. */
export function Scroller(props: {
  readonly label: string;
  readonly minWidth: number;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  return (
    // A region that scrolls has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="scroller" role="region" aria-label={props.label} tabIndex={0}>
      <div style={{ minWidth: props.minWidth }}>{props.children}</div>
    </div>
  );
}
