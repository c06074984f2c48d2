import { Gloss } from './gloss.tsx';

/** Names, each with its value, and where one is needed its meaning. */
export function Values(props: {
  class: string;
  rows: readonly (readonly [name: string, value: string, hint?: string])[];
}) {
  return (
    <dl class={props.class}>
      {props.rows.map(([name, value, hint]) => (
        <div key={name}>
          <dt>{hint ? <Gloss meaning={hint}>{name}</Gloss> : name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
