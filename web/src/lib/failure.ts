// Whatever goes wrong between page and engine, as words for a panel.

export interface Failure {
  message: string;
  hint?: string;
  request_id?: string;
  unreachable: boolean;
}

/** From RTK Query's error: our {error: {...}}, the originals' {detail}, no connection, or no sense. */
export function failureOf(error: unknown): Failure {
  const { status, data, error: text, message } = (error ?? {}) as { status?: unknown; data?: unknown; error?: string; message?: string };
  if (status === 'FETCH_ERROR' || status === 'TIMEOUT_ERROR') return { message: '', unreachable: true };
  const body = (data ?? {}) as { error?: { message?: string; hint?: string; request_id?: string }; detail?: string };
  if (body.error?.message)
    return { message: body.error.message, hint: body.error.hint, request_id: body.error.request_id, unreachable: false };
  const words = body.detail ?? text ?? message ?? '';
  return { message: typeof status === 'number' ? `HTTP ${status} ${words}`.trim() : words, unreachable: false };
}
