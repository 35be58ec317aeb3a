import {
  type AutoscaleInfo,
  BaselineSeries,
  type BaselineSeriesPartialOptions,
  ColorType,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import type { EquityPoint } from '@/api/schema';
import { wholeDollars } from '@/format/decimal';
import { day, full } from '@/format/instant';

interface EquityChartProps {
  points: readonly EquityPoint[];
  start: number;
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function faded(colour: string, share: number): string {
  return `${colour}${Math.round(share * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

const iso = (time: unknown) => new Date(Number(time) * 1000).toISOString();

function dress(chart: IChartApi): void {
  const line = token('line');
  chart.applyOptions({
    layout: {
      background: { type: ColorType.Solid, color: token('surface') },
      textColor: token('muted'),
      fontFamily: token('font-sans') || 'Inter Variable, sans-serif',
      fontSize: 11,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: line } },
    rightPriceScale: { borderColor: line },
    timeScale: { borderColor: line },
  });
}

function colours(start: number): BaselineSeriesPartialOptions {
  const [gain, loss] = [token('gain-bar'), token('loss-bar')];
  return {
    baseValue: { type: 'price', price: start },
    topLineColor: gain,
    topFillColor1: faded(gain, 0.28),
    topFillColor2: faded(gain, 0.03),
    bottomLineColor: loss,
    bottomFillColor1: faded(loss, 0.03),
    bottomFillColor2: faded(loss, 0.28),
    lineWidth: 2,
    priceLineVisible: false,
    // A day on which little happened must not look like a storm.
    autoscaleInfoProvider: (found: () => AutoscaleInfo | null) => widened(found(), start),
  };
}

const LEAST = 0.01;

/** The range of the values, or a hundredth of what was put in on either side of it where that is wider. */
export function widened(found: AutoscaleInfo | null, start: number): AutoscaleInfo | null {
  const range = found?.priceRange;
  if (!range) return found;
  const minValue = Math.min(range.minValue, start * (1 - LEAST));
  const maxValue = Math.max(range.maxValue, start * (1 + LEAST));
  return { ...found, priceRange: { minValue, maxValue } };
}

function open(element: HTMLElement): IChartApi {
  return createChart(element, {
    autoSize: true,
    handleScroll: false,
    handleScale: false,
    localization: { priceFormatter: wholeDollars, timeFormatter: (time: unknown) => full(iso(time)) },
    timeScale: {
      timeVisible: true,
      fixLeftEdge: true,
      fixRightEdge: true,
      tickMarkFormatter: (time: unknown) => day(iso(time)).replace(/ \d{4}$/, ''),
    },
    rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.12 } },
  });
}

/** One point a second at most, oldest first, as the chart wants them; floats are good enough for pixels. */
export function drawable(points: readonly EquityPoint[]): { time: UTCTimestamp; value: number }[] {
  const bySecond = new Map(
    points.map((point) => [Math.floor(Date.parse(point.as_of) / 1000), Number(point.equity)]),
  );
  return [...bySecond]
    .sort(([a], [b]) => a - b)
    .map(([time, value]) => ({ time: time as UTCTimestamp, value }));
}

/** Worth over time against what was put in: green above it, red below. Its figures are in the table beside it. */
export default function EquityChart({ points, start }: EquityChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<IChartApi>(null);
  const series = useRef<ISeriesApi<'Baseline'>>(null);

  useEffect(() => {
    if (!box.current) return;
    const opened = open(box.current);
    const drawn = opened.addSeries(BaselineSeries);
    chart.current = opened;
    series.current = drawn;
    const paint = () => {
      dress(opened);
      drawn.applyOptions(colours(start));
    };
    paint();
    const watch = new MutationObserver(paint);
    watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      watch.disconnect();
      opened.remove();
    };
  }, [start]);

  useEffect(() => {
    series.current?.setData(drawable(points));
    chart.current?.timeScale().fitContent();
  }, [points]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a chart is no set of form fields; it may not be an img, as it holds a link
    <div
      ref={box}
      role="group"
      aria-label="Equity over time; its figures are in the table below"
      className="h-64"
    />
  );
}
