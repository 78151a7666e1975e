/**
 * Traces through OpenTelemetry's API: spans for whatever SDK the process has been started with. Where there is none,
 * nobody traces, and nothing is made.
 */
import {
  type Span as ApiSpan,
  type AttributeValue,
  type Context,
  context,
  isSpanContextValid,
  ProxyTracerProvider,
  propagation,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Span, TraceAttributes, Tracing } from '../model/trace.js'

/** Undefined where no SDK is registered. */
export function tracingOf(version: string): Tracing | undefined {
  const provider = trace.getTracerProvider()
  const isNobodys =
    provider instanceof ProxyTracerProvider &&
    provider.getDelegate() === new ProxyTracerProvider().getDelegate()
  return isNobodys ? undefined : new ApiTracing(trace.getTracer('vitrine', version))
}

class ApiTracing implements Tracing {
  readonly #tracer: Tracer

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  operation(
    name: string,
    attributes: TraceAttributes,
    headers?: Readonly<Record<string, string | string[] | undefined>>,
  ): Span {
    const around = context.active()
    // A server that this one is part of has read the headers already.
    const isInside = trace.getSpan(around) !== undefined
    const parent = isInside || headers === undefined ? around : propagation.extract(around, headers)
    return this.#begin(name, attributes, isInside ? SpanKind.INTERNAL : SpanKind.SERVER, parent)
  }

  part(name: string, attributes: TraceAttributes, elsewhere: boolean): Span | undefined {
    const around = context.active()
    if (!isKeptIn(around)) return undefined
    return this.#begin(name, attributes, elsewhere ? SpanKind.CLIENT : SpanKind.INTERNAL, around)
  }

  isKept(): boolean {
    return isKeptIn(context.active())
  }

  remember(): <T>(work: () => T) => T {
    const around = context.active()
    return (work) => context.with(around, work)
  }

  traceparent(): string | undefined {
    const span = trace.getSpan(context.active())?.spanContext()
    if (span === undefined || !isSpanContextValid(span) || (span.traceFlags & TraceFlags.SAMPLED) === 0)
      return undefined
    return `00-${span.traceId}-${span.spanId}-01`
  }

  #begin(name: string, attributes: TraceAttributes, kind: SpanKind, parent: Context): Span {
    const span = this.#tracer.startSpan(name, { kind, attributes: given(attributes) }, parent)
    return new BegunSpan(span, trace.setSpan(parent, span))
  }
}

class BegunSpan implements Span {
  readonly #span: ApiSpan
  readonly #context: Context

  constructor(span: ApiSpan, inside: Context) {
    this.#span = span
    this.#context = inside
  }

  get traceId(): string {
    return this.#span.spanContext().traceId
  }

  get isKept(): boolean {
    return this.#span.isRecording()
  }

  run<T>(work: () => T): T {
    return context.with(this.#context, work)
  }

  end(attributes: TraceAttributes = {}, fault?: string): void {
    if (this.isKept) this.#span.setAttributes(given(attributes))
    if (fault !== undefined) {
      this.#span.setAttribute('error.type', fault)
      this.#span.setStatus({ code: SpanStatusCode.ERROR })
    }
    this.#span.end()
  }
}

function isKeptIn(around: Context): boolean {
  return trace.getSpan(around)?.isRecording() === true
}

function given(attributes: TraceAttributes): Record<string, AttributeValue> {
  const all: Record<string, AttributeValue> = {}
  for (const name of Object.keys(attributes)) {
    const value = attributes[name]
    if (value !== undefined) all[name] = value
  }
  return all
}
