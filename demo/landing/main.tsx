import { mount } from '../frame/mount.tsx';
import { LandingPage } from './page.tsx';

mount(<LandingPage />);
