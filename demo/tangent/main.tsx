import { mount } from '../frame/mount.tsx';
import { TangentPage } from './page.tsx';

mount(<TangentPage />);
