import pLimit from 'p-limit';

/** Maps the elements with at most `width` at work at once; results in the order of the elements. Rejects with the first error. */
export function mapParallel<T, R>(
  elements: readonly T[],
  width: number,
  work: (element: T) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit({ concurrency: width, rejectOnClear: true });
  const results = elements.map((element) => limit(() => work(element)));
  return Promise.all(results).catch((error: unknown) => {
    limit.clearQueue();
    throw error;
  });
}
