// Whether a part of the page has come near the window: what nobody has scrolled to costs nothing.
import { useEffect, useRef, useState, type RefObject } from 'react';

const NEAR = '400px';

const waiting = new Map<Element, () => void>();
let observer: IntersectionObserver | undefined; // one for all: a fleet has hundreds of tiles

function tell(entries: IntersectionObserverEntry[]): void {
  for (const { isIntersecting, target } of entries) if (isIntersecting) waiting.get(target)?.();
}

function watch(element: Element, near: () => void): () => void {
  observer ??= new IntersectionObserver(tell, { rootMargin: NEAR });
  waiting.set(element, near);
  observer.observe(element);
  return () => {
    waiting.delete(element);
    observer?.unobserve(element);
  };
}

/** Stays true once the element has been near. */
export function useSeen<E extends Element>(): [RefObject<E | null>, boolean] {
  const element = useRef<E>(null);
  const [seen, see] = useState(false);
  useEffect(() => {
    if (seen || !element.current) return;
    return watch(element.current, () => see(true));
  }, [seen]);
  return [element, seen];
}
