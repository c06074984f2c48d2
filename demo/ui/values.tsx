/** Names, each with its value. */
export function Values(props: {
  class: string;
  rows: readonly (readonly [name: string, value: string, hint?: string])[];
}) {
  return (
    <dl class={props.class}>
      {props.rows.map(([name, value, hint]) => (
        <div key={name} title={hint}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
