
var e=`lead-engine draft of `;function t(t){return sessionStorage.getItem(e+t)}function n(t,n){try{n===null?sessionStorage.removeItem(e+t):sessionStorage.setItem(e+t,n)}catch{}}export{t as n,n as t};