/** Names, each with its value. */
export function Values(props: { class: string; rows: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl class={props.class}>
      {props.rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
