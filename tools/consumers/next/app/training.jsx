'use client';
import * as neurite from 'neurite';
import { useEffect, useState } from 'react';
import { train } from '../train.mjs';

/** Trains in the visitor's browser. */
export function Training() {
  const [result, setResult] = useState('');
  useEffect(() => {
    train(neurite).then(setResult);
  }, []);
  useEffect(() => {
    document.title = result;
  }, [result]);
  return <p>{result}</p>;
}
