'use client';
import * as neurite from 'neurite';
import { useEffect, useState } from 'react';
import { train } from '../train.mjs';
import { trainRemote } from '../trainRemote.mjs';

/** Trains in the visitor's browser, and in a worker there. */
export function Training() {
  const [result, setResult] = useState('');
  useEffect(() => {
    Promise.all([train(neurite), trainRemote()]).then(([here, there]) =>
      setResult(here === there || here.startsWith('DeviceError') ? here : there),
    );
  }, []);
  useEffect(() => {
    document.title = result;
  }, [result]);
  return <p>{result}</p>;
}
