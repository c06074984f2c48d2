import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from './controls.tsx';
import { Late } from './late.tsx';

/** A button that opens something whose code is loaded when it is first wanted. @param props.properties beside `onClose` */
export function Later<T extends object>(props: {
  text: string;
  label?: string;
  load: () => Promise<ComponentType<T & { onClose: () => void }>>;
  properties: T;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button {...(props.label ? { label: props.label } : {})} onClick={() => setOpen(true)}>
        {props.text}
      </Button>
      {open && <Late load={props.load} properties={{ ...props.properties, onClose: () => setOpen(false) }} />}
    </>
  );
}
