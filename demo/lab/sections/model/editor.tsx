/** The editor of the network: a list of layers that can be added, moved, removed, and changed option by option. */
import { useState } from 'preact/hooks';
import { formatCount, formatShape } from '../../../format.ts';
import { Button, Segmented } from '../../../ui/controls.tsx';
import { Panel } from '../../../ui/layout.tsx';
import { Count } from '../../bench/count.tsx';
import { hello } from '../../client.ts';
import { MendButton } from '../../frame/mendButton.tsx';
import type { LayerSpec } from '../../protocol/index.ts';
import { info, layers, setLayers } from '../../state/network.ts';
import {
  changeOption,
  inputChannels,
  insertLayer,
  moveLayer,
  newLayer,
  removeLayer,
  setInputChannels,
} from './edits.ts';
import { FIELDS, problemText } from './fields.ts';
import { OptionField } from './optionField.tsx';
import { edit, undo, undoable } from './state.ts';

/** The list of layers, to be changed at will. */
export function Editor() {
  const list = layers.value;
  return (
    <Panel title="Layers" note="Changes are for the next run.">
      <div class="row">
        <Segmented
          label="Images"
          value={String(inputChannels(list))}
          options={[
            { value: '1', label: 'grey' },
            { value: '3', label: 'rainbow' },
          ]}
          onChange={(channels) => edit(setInputChannels(list, Number(channels)))}
        />
        <Button disabled={!undoable.value} onClick={undo}>
          Undo
        </Button>
      </div>
      <ol class="layer-list">
        {list.map((layer, index) => (
          <Row key={`${index} ${layer.type}`} layer={layer} index={index} last={index === list.length - 1} />
        ))}
      </ol>
      {list.length === 0 && (
        <p class="layer-problem" role="alert">
          The network has no layers. <MendButton />
        </p>
      )}
      <p class="layer-total">
        {formatCount(info.value?.parameters ?? 0)} parameters, {formatCount(info.value?.trainable ?? 0)} of them
        trainable
      </p>
      <AddLayer index={list.length} />
    </Panel>
  );
}

function Row({ layer, index, last }: { layer: LayerSpec; index: number; last: boolean }) {
  const list = layers.value;
  const described = info.value?.layers[index];
  const problem = info.value?.problem?.layer === index ? info.value.problem.message : undefined;
  const fields = FIELDS[layer.type] ?? [];
  const name = `layer ${index + 1}, ${layer.type}`;
  const options = layer.options as Record<string, unknown>;
  const folded = fields.filter(({ main }) => !main);
  const field = (one: (typeof fields)[number]) => (
    <OptionField
      key={one.name}
      field={one}
      layer={name}
      value={options[one.name]}
      // Typing makes no history of its own: one undo takes back a field, not a letter.
      onChange={(value) => setLayers(changeOption(layers.value, index, one.name, value))}
    />
  );
  return (
    <li
      class={`layer ${problem ? 'unfit' : ''}`}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData('text/x-layer', String(index))}
      onDragOver={(event) => event.dataTransfer?.types.includes('text/x-layer') && event.preventDefault()}
      onDrop={(event) => {
        const from = event.dataTransfer?.getData('text/x-layer');
        if (!from) return;
        event.preventDefault();
        event.stopPropagation(); // it is no file for the data
        edit(moveLayer(list, Number(from), index));
      }}
    >
      <div class="layer-main">
        <span class="layer-type">
          <span class="grip" aria-hidden="true">
            ⠿
          </span>
          {layer.type}
          {described && described.name !== layer.type && <span class="layer-name">{described.name}</span>}
        </span>
        <span class="layer-options">
          {fields.filter(({ main }) => main).map(field)}
          {folded.length > 0 && (
            <details>
              <summary>more</summary>
              <span class="layer-options">{folded.map(field)}</span>
            </details>
          )}
        </span>
        <span class="layer-shape">
          <span>{described ? formatShape(described.outputShape) : '–'}</span>
          {described && <Count layer={described} />}
        </span>
        <span class="layer-buttons">
          <Button
            kind="quiet"
            label={`Move ${name} up`}
            disabled={index === 0}
            onClick={() => edit(moveLayer(list, index, index - 1))}
          >
            ↑
          </Button>
          <Button
            kind="quiet"
            label={`Move ${name} down`}
            disabled={last}
            onClick={() => edit(moveLayer(list, index, index + 1))}
          >
            ↓
          </Button>
          <Button kind="quiet" label={`Remove ${name}`} onClick={() => edit(removeLayer(list, index))}>
            ✕
          </Button>
        </span>
      </div>
      {problem && (
        <p class="layer-problem" role="alert">
          {problemText(layer.type, problem)} <MendButton />
        </p>
      )}
    </li>
  );
}

/** Adds a layer of a chosen type; it can then be moved. */
function AddLayer({ index }: { index: number }) {
  const [type, setType] = useState('conv2d');
  const [place, setPlace] = useState<string>();
  // Before the last layer, which gives the classes, until another place is chosen.
  const at = Math.min(Number(place ?? Math.max(0, index - 1)), index);
  return (
    <div class="row add-layer">
      <label>
        Add{' '}
        <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
          {(hello.value?.layerTypes ?? []).map((name) => (
            <option key={name} value={name} selected={name === type}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        as layer{' '}
        <select value={String(at)} onChange={(event) => setPlace(event.currentTarget.value)}>
          {Array.from({ length: index + 1 }, (_, i) => String(i)).map((i) => (
            <option key={i} value={i} selected={Number(i) === at}>
              {Number(i) + 1}
            </option>
          ))}
        </select>
      </label>
      <Button onClick={() => edit(insertLayer(layers.value, at, newLayer(type)))}>Add layer</Button>
    </div>
  );
}
