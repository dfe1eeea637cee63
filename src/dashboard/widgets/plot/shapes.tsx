/** One line, or one kind of bars. */
export interface Series {
  readonly label: string;
  /** A colour of CSS. */
  readonly color: string;
  /** One for each point; `null`: nothing was measured. */
  readonly values: readonly (number | null)[];
}

/** Where the points of a plot lie, px. */
export interface Area {
  readonly width: number;
  /** From one point to the next. */
  readonly band: number;
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  /** The point nearest to `x`. */
  readonly pointAt: (x: number) => number;
}

interface ShapesProps {
  readonly area: Area;
  readonly series: readonly Series[];
  /** The point that is told of. */
  readonly shown: number | undefined;
}

/** A bar's part of its band, and its width at most, px. */
const BAR_SHARE = 0.8;
const BAR_WIDTH = 36;

/** The values of each point as bars on top of each other. */
export function Bars({ area, series, shown }: ShapesProps): React.JSX.Element {
  const width = Math.max(1, Math.min(BAR_WIDTH, area.band * BAR_SHARE));
  return (
    <>
      {series.map(({ label, color, values }, position) => (
        <g key={label} fill={color}>
          {values.map((value, index) => {
            if (value === null || value === 0) return null;
            const below = series.slice(0, position).reduce((sum, other) => sum + (other.values[index] ?? 0), 0);
            const top = area.y(below + value);
            const isQuiet = shown !== undefined && shown !== index;
            return (
              <rect
                key={index}
                x={area.x(index) - width / 2}
                y={top}
                width={width}
                height={Math.max(0.5, area.y(below) - top)}
                opacity={isQuiet ? 0.6 : 1}
              />
            );
          })}
        </g>
      ))}
    </>
  );
}

/** Each series as a line with a dot for each value; it is interrupted where nothing was measured. */
export function Lines({ area, series, shown }: ShapesProps): React.JSX.Element {
  return (
    <>
      {series.map(({ label, color, values }) => (
        <g key={label}>
          <path d={pathOf(area, values)} stroke={color} strokeWidth={2} strokeLinejoin="round" fill="none" />
          {values.map((value, index) =>
            value === null ? null : <circle key={index} cx={area.x(index)} cy={area.y(value)} r={index === shown ? 4 : 2} fill={color} />,
          )}
        </g>
      ))}
    </>
  );
}

function pathOf({ x, y }: Area, values: Series["values"]): string {
  return values
    .map((value, index) => {
      if (value === null) return "";
      const before = values[index - 1];
      return `${before === null || before === undefined ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join("");
}
