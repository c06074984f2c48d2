import { mount } from '../frame/mount.tsx';
import { FakesPage } from './page.tsx';

mount(<FakesPage />);
