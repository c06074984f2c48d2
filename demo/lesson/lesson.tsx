/** A page of the lecture: its title, what it is about, and what computes its numbers. */
import type { ComponentChildren } from 'preact';
import { Frame } from '../frame/mount.tsx';
import { addressOf, type PageName } from '../frame/pages.ts';
import '../styles/lesson.css';
import { machine } from './device.ts';

export function Lesson({
  computes = true,
  ...props
}: {
  page: PageName;
  title: string;
  lead: ComponentChildren;
  /** Whether there are numbers on it that a GPU computes; it says what does. */
  computes?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <Frame page={props.page}>
      <header class="intro">
        <h1>{props.title}</h1>
        <p>{props.lead}</p>
        {computes && <ComputedBy />}
      </header>
      {props.children}
    </Frame>
  );
}

/** In the same space whatever it says; nothing until a number was asked for. */
function ComputedBy() {
  const { value } = machine;
  return (
    <p class="computed-by note" role="status">
      {value.state === 'missing' && (
        <>
          There is no GPU that this page may use, so all numbers are computed by hand: in JavaScript, with 64 bits.{' '}
          <a href={addressOf('machine')}>How to get WebGPU</a>
        </>
      )}
      {value.state === 'ready' &&
        `The numbers are computed on your GPU (${value.description}), and by hand as well, with 64 bits, to compare.`}
    </p>
  );
}
