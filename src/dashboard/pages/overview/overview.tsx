import { SegmentedControl, SimpleGrid } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useParameters } from "../../address.ts";
import { useMetrics } from "../../api/queries.ts";
import { FirstCall } from "../traces/first-call.tsx";
import { Page } from "../../widgets/page.tsx";
import { Answer, Loading } from "../../widgets/states.tsx";
import { Figures } from "./figures.tsx";
import { Problems } from "./problems.tsx";
import { SPANS, spanOf } from "./spans.ts";
import { Ranking } from "./ranking.tsx";

// The charts are most of the page's script: what they show is asked for, and the figures are shown, while they are fetched.
const Charts = lazy(() => import("./charts.tsx"));

/** How the gateway does: figures, charts, the busiest and the worst, and what is wrong now. */
export default function Overview(): React.JSX.Element {
  const [parameters, change] = useParameters();
  const span = spanOf(parameters);
  const { rangeS, stepS } = SPANS[span];
  const metrics = useMetrics({ rangeS, stepS });
  return (
    <Page
      title="Overview"
      actions={
        <SegmentedControl
          aria-label="Time"
          data={Object.entries(SPANS).map(([value, { label }]) => ({ value, label }))}
          value={span}
          onChange={(range) => change({ range: range === "24h" ? undefined : range })}
        />
      }
    >
      <Problems />
      <Answer query={metrics} what="figures">
        {(data) => {
          const [all] = data.series;
          if (all === undefined || all.totals.requests === 0) return <FirstCall span={SPANS[span].words} />;
          return (
            <>
              <Figures totals={all.totals} span={span} />
              <Suspense fallback={<Loading what="charts" />}>
                <Charts metrics={data} />
              </Suspense>
              <SimpleGrid cols={{ base: 1, lg: 2 }}>
                <Ranking by="route" rangeS={rangeS} span={span} />
                <Ranking by="target" rangeS={rangeS} span={span} />
              </SimpleGrid>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
