import { useEffect, useRef, useState } from 'preact/hooks';

/** Whether an element is on the screen or near it: what cannot be seen need not be kept up to date. */
export function useVisible<T extends HTMLElement>() {
  const element = useRef<T>(null);
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setVisible(entry!.isIntersecting), { rootMargin: '200px' });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return { element, visible };
}
