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
          Real: what a camera sees of a mouse's cortex at work. Fake: what a generative network made up.
        </p>
        <p class="landing-course">
          Both are simulated here, after a university course on convolutional networks: these pages follow its lecture.
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
