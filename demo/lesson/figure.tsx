import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/**
 * One idea: a title, at most two sentences, and what is seen.
 * @param props.height least height of what is seen, as CSS, where it is filled later than it is drawn: nothing may move
 */
export function Figure(props: {
  title: string;
  text: ComponentChildren;
  height?: string;
  id?: string;
  children: ComponentChildren;
}) {
  const own = useId();
  return (
    <section class="figure panel" id={props.id} aria-labelledby={own}>
      <h2 id={own}>{props.title}</h2>
      <p class="figure-text">{props.text}</p>
      <div class="figure-body" style={props.height ? { minHeight: props.height } : {}}>
        {props.children}
      </div>
    </section>
  );
}
