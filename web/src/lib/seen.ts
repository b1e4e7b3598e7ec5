// Whether a part of the page has come near the window: what nobody has scrolled to costs nothing.
import { useEffect, useRef, useState, type RefObject } from 'react';

const NEAR = '400px';

/** Stays true once the element has been near. */
export function useSeen<E extends Element>(): [RefObject<E | null>, boolean] {
  const element = useRef<E>(null);
  const [seen, see] = useState(false);
  useEffect(() => {
    if (seen || !element.current) return;
    const observer = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && see(true), { rootMargin: NEAR });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [seen]);
  return [element, seen];
}
