import { Group, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useState } from "react";
import { axisMarks, labelStride } from "./axis.ts";
import { Hint, Key } from "./hint.tsx";
import { type Area, Bars, Lines, type Series } from "./shapes.tsx";

/** What a plot shows. */
export interface PlotProps {
  readonly title: string;
  /** Bars stand on top of each other. */
  readonly kind: "bars" | "lines";
  /** What stands under each point. */
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** The axis goes up to here at least; left out: to what is there. */
  readonly leastTop?: number;
  /** Marks of the axis are no closer than this; left out: as close as they need to be. */
  readonly leastStep?: number;
}

const HEIGHT = 164;
const LEFT = 66;
const TOP = 8;
const RIGHT = 10;
const BOTTOM = 22;
/** Width of a label's character, and room between two labels, px. */
const CHARACTER = 6.4;
const LABEL_GAP = 28;

/** Figures over time. The arrow keys go from point to point, as the pointer does. */
export function Plot({ title, kind, labels, series, format, leastTop = 0, leastStep = 0 }: PlotProps): React.JSX.Element {
  const { ref, width } = useElementSize();
  const [shown, show] = useState<number | undefined>();
  const marks = axisMarks(Math.max(leastTop, greatestOf(kind, series)), leastStep);
  const area = areaOf(width, labels.length, marks.at(-1) ?? 1);
  const stride = labelStride(labels.length, Math.max(...labels.map(({ length }) => length)) * CHARACTER + LABEL_GAP, area.width);
  const Shapes = kind === "bars" ? Bars : Lines;
  return (
    <div ref={ref} className="plot">
      <Group justify="flex-end" gap="md" px="sm" h={24}>
        {series.length > 1 && series.map(({ label, color }) => <Key key={label} label={label} color={color} />)}
      </Group>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`${title} over time`}
        tabIndex={0}
        onPointerMove={(event) => show(area.pointAt(event.nativeEvent.offsetX))}
        onPointerLeave={() => show(undefined)}
        onBlur={() => show(undefined)}
        onKeyDown={({ key }) => show((at) => nextPoint(key, at, labels.length))}
      >
        {marks.map((mark) => (
          <g key={mark} transform={`translate(0 ${area.y(mark)})`}>
            <line x1={LEFT} x2={width - RIGHT} />
            <text x={LEFT - 8} dy="0.32em" textAnchor="end">
              {format(mark)}
            </text>
          </g>
        ))}
        {labels.map((label, index) =>
          index % stride === 0 ? (
            <text key={index} x={area.x(index)} y={HEIGHT - 5} textAnchor="middle">
              {label}
            </text>
          ) : null,
        )}
        {shown !== undefined && <line className="here" x1={area.x(shown)} x2={area.x(shown)} y1={TOP} y2={HEIGHT - BOTTOM} />}
        <Shapes area={area} series={series} shown={shown} />
      </svg>
      {shown !== undefined && (
        <Hint x={area.x(shown)} side={shown * 2 < labels.length ? "right" : "left"}>
          <Text fz="xs" fw={600}>
            {labels[shown]}
          </Text>
          {series.map(({ label, color, values }) => (
            <Key key={label} label={label} color={color} value={figure(values[shown], format)} />
          ))}
        </Hint>
      )}
    </div>
  );
}

function figure(value: number | null | undefined, format: PlotProps["format"]): string {
  return value === null || value === undefined ? "–" : format(value);
}

/** Where the points of a plot of this width lie. */
function areaOf(width: number, points: number, top: number): Area {
  const inner = Math.max(1, width - LEFT - RIGHT);
  const band = inner / Math.max(1, points);
  const height = HEIGHT - TOP - BOTTOM;
  return {
    width: inner,
    band,
    x: (index) => LEFT + band * (index + 0.5),
    y: (value) => TOP + height * (1 - value / top),
    pointAt: (x) => Math.min(points - 1, Math.max(0, Math.floor((x - LEFT) / band))),
  };
}

function greatestOf(kind: PlotProps["kind"], series: readonly Series[]): number {
  if (kind === "lines") return Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const [first] = series;
  return Math.max(0, ...(first?.values ?? []).map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)));
}

function nextPoint(key: string, at: number | undefined, points: number): number | undefined {
  if (key === "Escape") return undefined;
  const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return at;
  return at === undefined ? (step > 0 ? 0 : points - 1) : Math.min(points - 1, Math.max(0, at + step));
}
