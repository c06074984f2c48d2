import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A part whose code is loaded when it is first drawn. @param props.properties what the part itself takes */
export function Late<T extends object>(props: { load: () => Promise<ComponentType<T>>; properties: T }) {
  const [view, setView] = useState<{ readonly View: ComponentType<T> }>();
  useEffect(() => {
    props.load().then((View) => setView({ View }), reportError);
  }, []);
  return view ? <view.View {...props.properties} /> : null;
}
