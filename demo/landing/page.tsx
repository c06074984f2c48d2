/** The landing page: a round of guessing, beside a network that learns the same. */
import { Frame } from '../frame/mount.tsx';
import { addressOf } from '../frame/pages.ts';
import '../styles/draw.css';
import '../styles/landing.css';
import '../styles/landingGame.css';
import '../styles/landingNetwork.css';
import { NetworkPanel } from './networkPanel.tsx';
import { Play } from './play.tsx';

export function LandingPage() {
  return (
    <Frame page="index">
      <div class="landing">
        <h1>Real or fake?</h1>
        <p class="landing-lead">
          Real: a recording of a mouse's cortex at work. Fake: what a generative network made up. Both are simulated
          here.
        </p>
        <p class="landing-course">
          “Real” imitates a camera’s recordings. These pages follow a university lecture on convolutional networks.
        </p>
        <Play />
        <NetworkPanel />
        <nav class="landing-on" aria-label="Where to go next">
          <a href={addressOf('convolution')}>Next: how a convolution sees →</a>
          <a href={addressOf('lab')}>Train a network of your own in the brain lab →</a>
        </nav>
      </div>
    </Frame>
  );
}
